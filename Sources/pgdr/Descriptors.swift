#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The process's file descriptors, put in order before anything else is opened.
enum Descriptors {
    /// Gives a standard stream that is closed to /dev/null, so that no connection gets its number and what is
    /// printed; and allows as many descriptors as the system lets us have: each node takes one.
    static func prepare() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDWR)
        }
        #if canImport(Glibc)
            let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let files = RLIMIT_NOFILE
        #endif
        var limit = rlimit()
        guard getrlimit(files, &limit) == 0 else { return }
        // macOS refuses more than its own constant, whatever the hard limit says.
        limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, 10_240))
        _ = setrlimit(files, &limit)
        guard limit.rlim_cur < fewest else { return }
        // The threads' own library ends the program where it gets none.
        Terminal.note("pgdr: at most \(limit.rlim_cur) open files are allowed, pgdr needs \(fewest)")
        Terminal.note("HINT: Raise the limit of open files (ulimit -n).")
        exit(ExitStatus.checkImpossible)
    }

    /// Three standard streams, what the run time opens by itself, and a few connections.
    private static let fewest: rlim_t = 16
}
