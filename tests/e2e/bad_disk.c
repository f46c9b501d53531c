/* A disk that fails, as the file named by BAD_DISK says. A number of milliseconds: fsync and fdatasync hang for at most
   so long. A negative number: writes and safe writes fail with that error. Well again without the file. Preload it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static int illness(void)
{
    int number = 0;
    FILE *file = fopen(getenv("BAD_DISK"), "r");
    if (!file)
        return 0;
    if (fscanf(file, "%d", &number) != 1)
        number = 0;
    fclose(file);
    return number;
}

static int fails(void)
{
    int number = illness();
    if (number >= 0)
        return 0;
    errno = -number;
    return 1;
}

static void hang(void)
{
    for (int waited = 0; waited < illness(); waited += 10)
        usleep(10000);
}

int fsync(int fd)
{
    hang();
    return fails() ? -1 : ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}

int fdatasync(int fd)
{
    hang();
    return fails() ? -1 : ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at)
{
    if (fails())
        return -1;
    return ((ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64"))(fd, bytes, count, at);
}
