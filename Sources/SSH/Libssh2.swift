internal import CLibssh2

/// libssh2's calls that are C macros, its constants that don't reach Swift, and its errors.
enum Libssh2 {
    /// Whether the library could be set up; done once.
    static let isReady = libssh2_init(0) == 0

    /// SSH_DISCONNECT_BY_APPLICATION of RFC 4253.
    static let disconnectByApplication: Int32 = 11
    /// The receive window of a channel in bytes: what may be under way at most.
    static let window: UInt32 = 2 << 20
    /// The size of a packet in bytes that every server takes.
    static let packet: UInt32 = 32768

    /// Opens a channel in which one command or subsystem can run.
    static func openSession(_ session: OpaquePointer) -> OpaquePointer? {
        libssh2_channel_open_ex(session, "session", 7, window, packet, nil, 0)
    }

    /// Starts a command line in the user's login shell.
    static func exec(_ channel: OpaquePointer, _ line: String) -> Int32 {
        libssh2_channel_process_startup(channel, "exec", 4, line, UInt32(line.utf8.count))
    }

    /// An error as libssh2 states it.
    struct Error: Sendable {
        var code: Int32
        var words: String
    }
}

extension Libssh2.Error {
    /// What it means, in words for people who run databases; the library's own follow in brackets.
    var text: String {
        guard let meaning = Self.meanings[code] else { return "\(words) (libssh2 error \(code))" }
        return words.isEmpty ? meaning : "\(meaning) (\(words))"
    }

    private static let meanings: [Int32: String] = [
        LIBSSH2_ERROR_SOCKET_NONE: "the connection is closed",
        LIBSSH2_ERROR_BANNER_RECV: "the server did not say that it speaks SSH",
        LIBSSH2_ERROR_BANNER_SEND: "the connection broke at the first word",
        LIBSSH2_ERROR_INVALID_MAC: "the data was changed on the way",
        LIBSSH2_ERROR_KEX_FAILURE: "no common algorithms, or the key exchange failed",
        LIBSSH2_ERROR_ALLOC: "there is no memory left",
        LIBSSH2_ERROR_SOCKET_SEND: "the connection broke while sending",
        LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE: "the key exchange failed",
        LIBSSH2_ERROR_HOSTKEY_INIT: "the host key cannot be read",
        LIBSSH2_ERROR_HOSTKEY_SIGN: "the server does not own the host key it shows",
        LIBSSH2_ERROR_DECRYPT: "the data cannot be decrypted",
        LIBSSH2_ERROR_SOCKET_DISCONNECT: "the server closed the connection",
        LIBSSH2_ERROR_PROTO: "the server broke the protocol",
        LIBSSH2_ERROR_FILE: "the key file cannot be read or decrypted",
        LIBSSH2_ERROR_METHOD_NONE: "there is no method in common",
        LIBSSH2_ERROR_AUTHENTICATION_FAILED: "the server does not take this key for this user",
        LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED: "the server did not take the signature, or the connection broke",
        LIBSSH2_ERROR_CHANNEL_FAILURE: "the server opened no channel",
        LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED: "the server refused the request",
        LIBSSH2_ERROR_CHANNEL_CLOSED: "the channel is closed",
        LIBSSH2_ERROR_SFTP_PROTOCOL: "the server refused it over SFTP",
        LIBSSH2_ERROR_METHOD_NOT_SUPPORTED: "libssh2 does not know that method",
        LIBSSH2_ERROR_BAD_USE: "the session was in the middle of something else",
        LIBSSH2_ERROR_OUT_OF_BOUNDARY: "a packet was longer than libssh2 takes",
        LIBSSH2_ERROR_SOCKET_RECV: "the connection broke while receiving",
        LIBSSH2_ERROR_ENCRYPT: "the data cannot be encrypted",
    ]
}
