#include <cairn/svletter.h>

char svletter_of_signal(int sig)
{
    switch (sig) {
#define X(byte, s)                                                                                 \
    case s:                                                                                        \
        return byte;
        SVLETTER_SIGNALS(X)
#undef X
    }
    return 0;
}

int svletter_is_valid(char c)
{
    switch (c) {
#define X(byte, s) case byte:
        SVLETTER_SIGNALS(X)
#undef X
#define X(byte) case byte:
        SVLETTER_COMMANDS(X)
#undef X
        return 1;
    }
    return 0;
}
