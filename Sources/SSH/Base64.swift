internal import CLibcrypto

/// Base64 as SSH's files and fingerprints have it.
enum Base64 {
    /// The text of some bytes, padded.
    static func encode(_ bytes: [UInt8]) -> String {
        var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        let count = EVP_EncodeBlock(&text, bytes, Int32(bytes.count))
        return String(decoding: text.prefix(Int(count)), as: UTF8.self)
    }

    /// The bytes of a text; nil when it is no base64.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let text = Array(text.utf8)
        guard !text.isEmpty, text.count % 4 == 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: text.count / 4 * 3)
        guard EVP_DecodeBlock(&bytes, text, Int32(text.count)) == bytes.count else { return nil }
        // It counts the padding as bytes.
        return bytes.dropLast(text.suffix(2).count { $0 == UInt8(ascii: "=") })
    }
}
