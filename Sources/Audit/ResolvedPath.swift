#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The directory that relative paths begin at; nil when it is gone.
func currentDirectory() -> String? {
    guard let path = getcwd(nil, 0) else { return nil }
    defer { free(path) }
    return String(cString: path)
}

/// An existing path without symbolic links; nil when it doesn't exist.
func resolvedPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
}
