/* sanitize: what a sanitizer build needs to know, compiled in because programs in containers get no
   environment.

   Short-lived tools let exit free what they hold, so leaks are not looked for. */

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif

#ifdef SANITIZED
extern char const *__asan_default_options(void);

char const *__asan_default_options(void)
{
    return "detect_leaks=0";
}
#else
typedef int sanitize_is_off; /* ISO C wants something here */
#endif
