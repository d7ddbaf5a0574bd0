/* A disk with a volatile cache, for tests: preload it into a process and kill the process; a
 * journal then says what a power cut could have taken.
 *
 * Every write to a file under DISK_SHIM_FOLDER goes through to the file (so that memory maps see
 * it) and is recorded in the journal DISK_SHIM_JOURNAL with the bytes before and after; every sync
 * is recorded too. disk.py takes back, keeps or tears what no sync covers.
 *
 * DISK_SHIM_IGNORE_SYNC=1   syncs do nothing and are not recorded: a build that forgot them
 * DISK_SHIM_BOOT_ID=TEXT    what /proc/sys/kernel/random/boot_id says: another one after each power
 * cut DISK_SHIM_FAULT=FILE      while FILE exists, writes fail as its first line says: "ENOSPC
 * part-of-path" or "EIO part-of-path"; only files whose path contains that part
 *
 * Journal records, all numbers little-endian 8 bytes:
 *   'W' path-length path offset old-size length before-length before after   a write
 *   'T' path-length path old-size new-size before-length before              a truncation or
 * extension 'S' path-length path                                                     a sync of the
 * whole file 'D' path-length path offset length                                       a write that
 * was synced by itself 'R' path-length path path-length path                                    a
 * renaming, of a file or a folder
 *
 * Names (creating, renaming, removing) count as durable at once; so do bytes that opening with
 * O_TRUNC takes away.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILES_MAX 1024
#define PATH_MAX_BYTES 512

static char paths[FILES_MAX][PATH_MAX_BYTES]; /* by descriptor; empty: not watched */
static char synchronous[FILES_MAX];
static int journal = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static ssize_t real_pwrite(int fd, const void* data, size_t size, off_t offset) {
    return syscall(SYS_pwrite64, fd, data, size, offset);
}
static ssize_t real_pread(int fd, void* data, size_t size, off_t offset) {
    return syscall(SYS_pread64, fd, data, size, offset);
}

static int watched(int fd) {
    return fd >= 0 && fd < FILES_MAX && paths[fd][0] != 0;
}

static void put(const void* data, size_t size) {
    const char* at = data;
    while (size > 0) {
        const ssize_t done = syscall(SYS_write, journal, at, size);
        if (done <= 0) abort(); /* without its journal the test proves nothing */
        at += done;
        size -= (size_t)done;
    }
}

static void put_number(uint64_t number) {
    put(&number, 8);
}

static void put_path(char kind, const char* path) {
    put(&kind, 1);
    put_number(strlen(path));
    put(path, strlen(path));
}

static void open_journal(void) {
    if (journal >= 0 || getenv("DISK_SHIM_JOURNAL") == NULL) return;
    journal = (int)syscall(SYS_openat, AT_FDCWD, getenv("DISK_SHIM_JOURNAL"),
                           O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (journal < 0) abort();
}

static uint64_t size_of(int fd) {
    struct stat status;
    return fstat(fd, &status) == 0 ? (uint64_t)status.st_size : 0;
}

/* Reads [offset, offset + size) as far as the file goes. The descriptor may be write-only, so it is
 * opened anew. */
static char* before_of(int written, uint64_t offset, uint64_t size, uint64_t* got) {
    char *bytes = malloc(size ? size : 1), path[64];
    *got = 0;
    snprintf(path, sizeof path, "/proc/self/fd/%d", written);
    const int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0 || bytes == NULL) return bytes;
    while (*got < size) {
        const ssize_t done = real_pread(fd, bytes + *got, size - *got, (off_t)(offset + *got));
        if (done <= 0) break;
        *got += (uint64_t)done;
    }
    syscall(SYS_close, fd);
    return bytes;
}

/* The error that DISK_SHIM_FAULT asks for on this path, or 0. */
static int fault_on(const char* path) {
    const char* name = getenv("DISK_SHIM_FAULT");
    if (name == NULL) return 0;
    const int fd = (int)syscall(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0) return 0;
    char line[256] = {0};
    const ssize_t size = syscall(SYS_read, fd, line, sizeof line - 1);
    syscall(SYS_close, fd);
    if (size <= 0) return 0;
    line[strcspn(line, "\n")] = 0;
    char* space = strchr(line, ' ');
    if (space == NULL || strstr(path, space + 1) == NULL) return 0;
    *space = 0;
    return strcmp(line, "EIO") == 0 ? EIO : ENOSPC;
}

static ssize_t journalled_write(int fd, const void* data, size_t size, off_t offset) {
    const int fault = fault_on(paths[fd]);
    if (fault != 0) {
        errno = fault;
        return -1;
    }
    pthread_mutex_lock(&lock);
    uint64_t got = 0;
    const uint64_t old_size = size_of(fd);
    char* before = before_of(fd, (uint64_t)offset, size, &got);
    const ssize_t done = real_pwrite(fd, data, size, offset);
    const int failure = errno;
    if (done > 0 && journal >= 0) {
        put_path('W', paths[fd]);
        put_number((uint64_t)offset);
        put_number(old_size);
        put_number((uint64_t)done);
        put_number(got < (uint64_t)done ? got : (uint64_t)done);
        put(before, got < (uint64_t)done ? got : (uint64_t)done);
        put(data, (size_t)done);
        if (synchronous[fd] && getenv("DISK_SHIM_IGNORE_SYNC") == NULL) {
            put_path('D', paths[fd]);
            put_number((uint64_t)offset);
            put_number((uint64_t)done);
        }
    }
    free(before);
    pthread_mutex_unlock(&lock);
    errno = failure;
    return done;
}

static int open_common(int directory, const char* path, int flags, mode_t mode) {
    const char* boot = getenv("DISK_SHIM_BOOT_ID");
    if (boot != NULL && strcmp(path, "/proc/sys/kernel/random/boot_id") == 0) {
        const int fd = (int)syscall(SYS_memfd_create, "boot_id", 0);
        if (fd >= 0) {
            real_pwrite(fd, boot, strlen(boot), 0);
            real_pwrite(fd, "\n", 1, (off_t)strlen(boot));
        }
        return fd;
    }
    const int fd = (int)syscall(SYS_openat, directory, path, flags, mode);
    if (fd < 0 || fd >= FILES_MAX) return fd;
    paths[fd][0] = 0;
    const char* folder = getenv("DISK_SHIM_FOLDER");
    if (folder == NULL || (flags & O_ACCMODE) == O_RDONLY || (flags & O_DIRECTORY)) return fd;
    char link[64], resolved[PATH_MAX_BYTES];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t size = syscall(SYS_readlinkat, AT_FDCWD, link, resolved, sizeof resolved - 1);
    if (size <= 0) return fd;
    resolved[size] = 0;
    const char* file = strrchr(resolved, '/') + 1;
    /* Locks say nothing after a restart; LMDB's is written through a mapping besides. */
    if (strncmp(resolved, folder, strlen(folder)) != 0 || strcmp(file, "lock") == 0 ||
        strcmp(file, "lock.mdb") == 0)
        return fd;
    pthread_mutex_lock(&lock);
    open_journal();
    strcpy(paths[fd], resolved);
    synchronous[fd] = (flags & O_DSYNC) != 0;
    pthread_mutex_unlock(&lock);
    return fd;
}

#define MODE_OF(flags, last)                   \
    mode_t mode = 0;                           \
    if ((flags) & (O_CREAT | O_TMPFILE)) {     \
        va_list arguments;                     \
        va_start(arguments, last);             \
        mode = (mode_t)va_arg(arguments, int); \
        va_end(arguments);                     \
    }

int open(const char* path, int flags, ...) {
    MODE_OF(flags, flags)
    return open_common(AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
    MODE_OF(flags, flags)
    return open_common(AT_FDCWD, path, flags, mode);
}
int openat(int directory, const char* path, int flags, ...) {
    MODE_OF(flags, flags)
    return open_common(directory, path, flags, mode);
}
int openat64(int directory, const char* path, int flags, ...) {
    MODE_OF(flags, flags)
    return open_common(directory, path, flags, mode);
}

/* Streams open files inside libc, where `open` above is not asked. */
FILE* fopen(const char* path, const char* how) {
    static FILE* (*next)(const char*, const char*);
    if (next == NULL) next = (FILE * (*)(const char*, const char*)) dlsym(RTLD_NEXT, "fopen");
    const char* boot = getenv("DISK_SHIM_BOOT_ID");
    if (boot == NULL || strcmp(path, "/proc/sys/kernel/random/boot_id") != 0)
        return next(path, how);
    const int fd = open_common(AT_FDCWD, path, O_RDONLY, 0);
    return fd < 0 ? NULL : fdopen(fd, "r");
}
FILE* fopen64(const char* path, const char* how) {
    return fopen(path, how);
}

int close(int fd) {
    if (fd >= 0 && fd < FILES_MAX) paths[fd][0] = 0;
    return (int)syscall(SYS_close, fd);
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
    return watched(fd) ? journalled_write(fd, data, size, offset)
                       : real_pwrite(fd, data, size, offset);
}
ssize_t pwrite64(int fd, const void* data, size_t size, off_t offset) {
    return pwrite(fd, data, size, offset);
}

ssize_t write(int fd, const void* data, size_t size) {
    if (!watched(fd)) return syscall(SYS_write, fd, data, size);
    const off_t at = (off_t)syscall(SYS_lseek, fd, 0, SEEK_CUR);
    if (at < 0) return syscall(SYS_write, fd, data, size);
    const ssize_t done = journalled_write(fd, data, size, at);
    if (done > 0) syscall(SYS_lseek, fd, at + done, SEEK_SET);
    return done;
}

ssize_t pwritev(int fd, const struct iovec* parts, int count, off_t offset) {
    if (!watched(fd)) return syscall(SYS_pwritev, fd, parts, count, offset, 0);
    ssize_t total = 0;
    for (int i = 0; i < count; ++i) {
        const ssize_t done =
            journalled_write(fd, parts[i].iov_base, parts[i].iov_len, offset + total);
        if (done < 0) return total > 0 ? total : -1;
        total += done;
        if ((size_t)done < parts[i].iov_len) break;
    }
    return total;
}
ssize_t pwritev64(int fd, const struct iovec* parts, int count, off_t offset) {
    return pwritev(fd, parts, count, offset);
}

ssize_t writev(int fd, const struct iovec* parts, int count) {
    if (!watched(fd)) return syscall(SYS_writev, fd, parts, count);
    const off_t at = (off_t)syscall(SYS_lseek, fd, 0, SEEK_CUR);
    const ssize_t done = pwritev(fd, parts, count, at);
    if (done > 0) syscall(SYS_lseek, fd, at + done, SEEK_SET);
    return done;
}

int ftruncate(int fd, off_t size) {
    if (!watched(fd)) return (int)syscall(SYS_ftruncate, fd, size);
    const int fault = fault_on(paths[fd]);
    if (fault != 0) {
        errno = fault;
        return -1;
    }
    pthread_mutex_lock(&lock);
    const uint64_t old_size = size_of(fd);
    uint64_t got = 0;
    const uint64_t cut = old_size > (uint64_t)size ? old_size - (uint64_t)size : 0;
    char* before = before_of(fd, (uint64_t)size, cut, &got);
    const int done = (int)syscall(SYS_ftruncate, fd, size);
    if (done == 0 && journal >= 0) {
        put_path('T', paths[fd]);
        put_number(old_size);
        put_number((uint64_t)size);
        put_number(got);
        put(before, got);
    }
    free(before);
    pthread_mutex_unlock(&lock);
    return done;
}
int ftruncate64(int fd, off_t size) {
    return ftruncate(fd, size);
}

static int synced(int fd) {
    if (!watched(fd)) return 0;
    const int fault = fault_on(paths[fd]);
    if (fault != 0) {
        errno = fault;
        return -1;
    }
    if (getenv("DISK_SHIM_IGNORE_SYNC") != NULL || journal < 0) return 0;
    pthread_mutex_lock(&lock);
    put_path('S', paths[fd]);
    pthread_mutex_unlock(&lock);
    return 0;
}

/* What is journalled need not really be flushed: the file's pages outlive the process. */
int fsync(int fd) {
    return watched(fd) ? synced(fd) : (int)syscall(SYS_fsync, fd);
}
int fdatasync(int fd) {
    return watched(fd) ? synced(fd) : (int)syscall(SYS_fdatasync, fd);
}

/* The kernel copies past `write`; whoever asks falls back to it. */
ssize_t sendfile(int out, int in, off_t* offset, size_t count) {
    if (!watched(out)) return syscall(SYS_sendfile, out, in, offset, count);
    errno = EINVAL;
    return -1;
}
ssize_t sendfile64(int out, int in, off_t* offset, size_t count) {
    return sendfile(out, in, offset, count);
}

ssize_t copy_file_range(int in, off64_t* from, int out, off64_t* to, size_t count,
                        unsigned int flags) {
    if (!watched(out)) return syscall(SYS_copy_file_range, in, from, out, to, count, flags);
    errno = EINVAL;
    return -1;
}

int rename(const char* from, const char* to) {
    const int done = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    const char* folder = getenv("DISK_SHIM_FOLDER");
    if (done != 0 || folder == NULL || strncmp(from, folder, strlen(folder)) != 0) return done;
    pthread_mutex_lock(&lock);
    open_journal();
    if (journal >= 0) {
        put_path('R', from);
        put_number(strlen(to));
        put(to, strlen(to));
    }
    pthread_mutex_unlock(&lock);
    return done;
}

/* A mapping that is written to could not be watched; LMDB must not be opened with MDB_WRITEMAP
 * under this disk. */
int msync(void* start, size_t size, int flags) {
    return (int)syscall(SYS_msync, start, size, flags);
}
