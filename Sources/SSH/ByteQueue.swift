/// Bytes on their way: appended at one end, taken from the other.
struct ByteQueue: Sendable {
    private var bytes: [UInt8] = []
    private var head = 0

    var count: Int { bytes.count - head }
    var isEmpty: Bool { head == bytes.count }

    mutating func append(_ new: UnsafeRawBufferPointer) {
        if head > 0, head >= bytes.count / 2 {
            bytes.removeFirst(head)
            head = 0
        }
        bytes.append(contentsOf: new)
    }

    mutating func removeFirst(_ count: Int) {
        head += count
        if isEmpty {
            bytes.removeAll(keepingCapacity: true)
            head = 0
        }
    }

    /// Calls `body` with all bytes that wait.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[head...])) }
    }
}
