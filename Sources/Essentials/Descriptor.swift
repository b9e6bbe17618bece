#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// A file descriptor with one owner, closed when the owner lets go of it.
package struct Descriptor: ~Copyable, Sendable {
    /// The number the operating system knows it by; valid only while this value lives.
    package let number: Int32

    /// Takes ownership of an open descriptor.
    package init(owning number: Int32) { self.number = number }

    deinit { _ = close(number) }

    /// Gives up ownership: whoever takes the number closes it.
    package consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }
}

/// A pipe whose ends don't block and are closed in programs started later; writing to one end, or closing it, makes
/// the other readable.
package struct Pipe: ~Copyable, Sendable {
    /// The end to read from.
    package let reading: Descriptor
    /// The end to write to.
    package let writing: Descriptor

    /// Opens a new pipe.
    /// - Throws: `system` when the process has no descriptors left.
    package init() throws(Failure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw Failure(
                .system, "could not open a pipe", detail: String(cString: strerror(errno)),
                hint: "Raise the limit of open files (ulimit -n).")
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        reading = Descriptor(owning: ends[0])
        writing = Descriptor(owning: ends[1])
    }
}
