/* relro: what the start of a static program with musl leaves out. configure links it to each
   program that needs it.

   The linker puts pointers that never change after the start (tables of functions and of strings,
   the global offset table) on pages of their own, and says where (PT_GNU_RELRO). A loader, and
   glibc's start file, makes them read-only when they are relocated; musl's start file does not. So
   this does it, before main: a pointer there cannot be overwritten any more.

   A failure changes nothing for the program, so it is none. */

#ifdef __linux__
#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>

/* where the file begins in memory; the linker defines it */
extern char const __ehdr_start[] __attribute__((visibility("hidden")));

__attribute__((constructor)) static void relro_protect(void)
{
    ElfW(Phdr) const *phdr = (ElfW(Phdr) const *)getauxval(AT_PHDR);
    unsigned long n = phdr ? getauxval(AT_PHNUM) : 0;
    uintptr_t page = (uintptr_t)getauxval(AT_PAGESZ), bias = 0;

    if (!page)
        return;
    for (unsigned long i = 0; i < n; i++) {
        if (phdr[i].p_type == PT_LOAD && phdr[i].p_offset == 0)
            bias = (uintptr_t)__ehdr_start - phdr[i].p_vaddr;
        if (phdr[i].p_type == PT_GNU_RELRO) {
            uintptr_t from = (bias + phdr[i].p_vaddr) & -page;
            uintptr_t to = (bias + phdr[i].p_vaddr + phdr[i].p_memsz) &
                           -page; /* the linker ends it at a page */

            if (to > from)
                mprotect((void *)from, to - from, PROT_READ);
        }
    }
}
#else
typedef int relro_is_off; /* ISO C wants something here */
#endif
