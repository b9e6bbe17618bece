internal import CLibssh2
public import Essentials

extension Session {
    /// Writes a file whole or not at all: under another name beside it, then in its place.
    ///
    /// By SFTP, or by a command where the server has no SFTP or where `become` (see `Command.become`) names another
    /// account. `mode` holds the permission bits; the bytes are never readable for more accounts than it says.
    /// - Throws: `ssh` when the file can't be written, with the server's words; otherwise as `run`.
    public mutating func upload(
        _ bytes: [UInt8], to path: String, mode: UInt32, become: [String] = [], until deadline: Deadline
    ) async throws(Failure) {
        guard path.hasPrefix("/"), !path.utf8.contains(0) else {
            throw Failure(.refused, "a file is uploaded to an absolute path", detail: "The path is \"\(path)\".")
        }
        let temporary = "\(path).\(RemoteScript.newToken().prefix(12))"
        let byFile = try await writesBySFTP(bytes, to: temporary, become, until: deadline)
        let script = byFile ? UploadScript.rename : UploadScript.writeAndRename
        let command = Command(
            ["sh", "-c", script, "sh", temporary, path, String(mode & 0o7777, radix: 8), "\(bytes.count)"],
            become: become, input: byFile ? [] : bytes, outputLimit: 4096)
        let result = try await run(command, until: deadline)
        guard !result.succeeded else { return }
        throw Failure(
            .ssh, "could not write file \"\(path)\" on host \"\(endpoint.host)\"",
            detail: result.errorText.split(whereSeparator: \.isNewline).joined(separator: "\n"))
    }

    private mutating func writesBySFTP(
        _ bytes: [UInt8], to path: String, _ become: [String], until deadline: Deadline
    ) async throws(Failure) -> Bool {
        guard become.isEmpty, hasSFTP != false else { return false }
        guard isUsable else { throw lost("uploading file \"\(path)\"") }
        isAbandoned = true
        do throws(LinkTrouble) {
            guard let sftp = try await link.open(until: deadline, { libssh2_sftp_init($0) }) else {
                guard !link.isBroken else { throw .timedOut }
                (isAbandoned, hasSFTP) = (false, false)
                return false
            }
            hasSFTP = true
            let isWritten = try await write(bytes, to: path, sftp, until: deadline)
            _ = try await link.drive(until: deadline) { _ in Int(libssh2_sftp_shutdown(sftp)) }
            isAbandoned = false
            return isWritten
        } catch {
            let isBroken = link.isBroken
            link.kill()
            throw isBroken ? lost("uploading a file") : failure(error, "uploading a file")
        }
    }

    /// Writes a new file for the owner only; false when the server doesn't let us, which a command then explains.
    private func write(
        _ bytes: [UInt8], to path: String, _ sftp: OpaquePointer, until deadline: Deadline
    ) async throws(LinkTrouble) -> Bool {
        let flags = UInt(LIBSSH2_FXF_WRITE | LIBSSH2_FXF_CREAT | LIBSSH2_FXF_EXCL)
        let length = UInt32(path.utf8.count)
        let file = try await link.open(until: deadline) { _ in
            libssh2_sftp_open_ex(sftp, path, length, flags, 0o600, LIBSSH2_SFTP_OPENFILE)
        }
        guard let file else { return false }
        var rest = bytes[...]
        var isWritten = true
        while isWritten, !rest.isEmpty {
            if Task.isCancelled { throw .cancelled }
            let count = try await link.drive(until: deadline) { _ in
                rest.withUnsafeBytes { bytes in
                    libssh2_sftp_write(file, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
                }
            }
            if count > 0 { rest = rest.dropFirst(count) } else { isWritten = false }
        }
        // Not every server has this extension; the rename is as safe as the server makes it then.
        if isWritten { _ = try await link.drive(until: deadline) { _ in Int(libssh2_sftp_fsync(file)) } }
        let closed = try await link.drive(until: deadline) { _ in Int(libssh2_sftp_close_handle(file)) }
        guard isWritten, closed == 0 else {
            _ = try await link.drive(until: deadline) { _ in Int(libssh2_sftp_unlink_ex(sftp, path, length)) }
            return false
        }
        return true
    }
}

/// The commands that put an uploaded file in its place.
///
/// Parameters: the temporary name, the path, the mode, the size.
/// SFTP itself renames onto no existing file, and removing that first would leave a moment without either.
enum UploadScript {
    static let rename = """
        if [ -d "$2" ]; then echo "$2 is a directory" >&2; false; else chmod "$3" "$1" && mv -f "$1" "$2"; fi \\
        || { rm -f "$1"; exit 1; }
        """
    static let writeAndRename = """
        umask 077
        if [ -d "$2" ]; then echo "$2 is a directory" >&2; exit 1; fi
        cat >"$1" && [ "$(wc -c <"$1")" -eq "$4" ] && { sync "$1" 2>/dev/null || :; } \\
        && chmod "$3" "$1" && mv -f "$1" "$2" || { rm -f "$1"; exit 1; }
        """
}
