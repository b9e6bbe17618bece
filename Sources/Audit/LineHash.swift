internal import CLibcrypto
internal import Essentials

/// The SHA-256 of a line.
struct LineHash: Sendable, Equatable {
    private(set) var words: SIMD4<UInt64>

    /// What stands as the hash of the line before the first one.
    static let zero = LineHash(words: .zero)

    /// The hash that 64 hexadecimal digits, of either case, name; nil for anything else.
    init?(hex digits: some Sequence<UInt8>) {
        words = .zero
        var count = 0
        for digit in digits {
            let value: UInt8
            switch digit {
            case 0x30...0x39: value = digit - 0x30
            case 0x61...0x66: value = digit - 0x61 + 10
            case 0x41...0x46: value = digit - 0x41 + 10
            default: return nil
            }
            guard count < 64 else { return nil }
            words[count / 16] = words[count / 16] << 4 | UInt64(value)
            count += 1
        }
        guard count == 64 else { return nil }
    }

    /// The hash that 64 hexadecimal digits name; nil for anything else.
    init?(hex text: some StringProtocol) { self.init(hex: text.utf8) }

    /// A hash by its words, of which the first holds the first eight bytes, in the order of the network.
    init(words: SIMD4<UInt64>) { self.words = words }

    /// Adds the 64 lower-case hexadecimal digits.
    func append(to bytes: inout [UInt8]) {
        for index in 0..<4 {
            for shift in stride(from: 60, through: 0, by: -4) {
                let value = UInt8(truncatingIfNeeded: words[index] >> UInt64(shift)) & 15
                bytes.append(value < 10 ? 0x30 + value : 0x61 + value - 10)
            }
        }
    }

    /// The 64 lower-case hexadecimal digits.
    var hex: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// SHA-256 by libcrypto, over one text after the other.
struct Digest: ~Copyable, Sendable {
    /// May move between threads, is never shared: unique by ~Copyable.
    private nonisolated(unsafe) let context: OpaquePointer
    /// Looked up once: the look-up takes as long as hashing a short line.
    private nonisolated(unsafe) let algorithm: OpaquePointer

    /// A digest that has taken nothing in.
    /// - Throws: `system` when there is no memory, or libcrypto has no SHA-256.
    init() throws(Failure) {
        guard let algorithm = EVP_MD_fetch(nil, "SHA2-256", nil) else { throw Self.unavailable }
        guard let context = EVP_MD_CTX_new() else {
            EVP_MD_free(algorithm)
            throw Self.unavailable
        }
        self.context = context
        self.algorithm = algorithm
    }

    deinit {
        EVP_MD_CTX_free(context)
        EVP_MD_free(algorithm)
    }

    /// The hash of these bytes alone; what was taken in before is forgotten.
    mutating func hash(of bytes: UnsafeRawBufferPointer) throws(Failure) -> LineHash {
        try start()
        try update(bytes)
        return try finish()
    }

    /// The hash of these bytes from `start` on.
    mutating func hash(of bytes: [UInt8], from start: Int = 0) throws(Failure) -> LineHash {
        try bytes.withUnsafeBufferPointer { bytes throws(Failure) in
            try hash(of: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[start...])))
        }
    }

    /// Forgets what was taken in.
    mutating func start() throws(Failure) {
        guard EVP_DigestInit_ex2(context, algorithm, nil) == 1 else { throw Self.unavailable }
    }

    private mutating func update(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        guard bytes.isEmpty || EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else {
            throw Self.unavailable
        }
    }

    /// Takes in the next bytes after `start`.
    mutating func take(_ bytes: [UInt8]) throws(Failure) {
        try bytes.withUnsafeBufferPointer { bytes throws(Failure) in try update(UnsafeRawBufferPointer(bytes)) }
    }

    /// The hash of all that was taken in since `start`, which is called again before the next.
    mutating func finish() throws(Failure) -> LineHash {
        var words = SIMD4<UInt64>.zero
        let count = withUnsafeMutableBytes(of: &words) { bytes -> UInt32 in
            var count: UInt32 = 0
            let isDone = EVP_DigestFinal_ex(context, bytes.bindMemory(to: UInt8.self).baseAddress, &count)
            return isDone == 1 ? count : 0
        }
        guard count == 32 else { throw Self.unavailable }
        for index in 0..<4 { words[index] = UInt64(bigEndian: words[index]) }
        return LineHash(words: words)
    }

    private static var unavailable: Failure { Failure(.system, "libcrypto could not compute a SHA-256") }
}
