/// Calls `body` with the NULL-terminated keyword and value arrays libpq wants.
func withParameters<Result>(
    _ parameters: [(keyword: String, value: String)],
    _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
    // One buffer holds all strings; the pointers are made once it no longer grows.
    var bytes: [CChar] = []
    var offsets: [(keyword: Int, value: Int)] = []
    for parameter in parameters {
        let keyword = bytes.count
        bytes.append(contentsOf: parameter.keyword.utf8CString)
        offsets.append((keyword, bytes.count))
        bytes.append(contentsOf: parameter.value.utf8CString)
    }
    return bytes.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return body([nil], [nil]) }
        return body(offsets.map { base + $0.keyword } + [nil], offsets.map { base + $0.value } + [nil])
    }
}

/// Calls `body` with the array of C strings libpq wants for bound parameters; nil stands for NULL.
func withValues(_ values: [String?], _ body: ([UnsafePointer<CChar>?]) -> Int32) -> Int32 {
    var bytes: [CChar] = []
    let offsets = values.map { value -> Int? in
        guard let value else { return nil }
        defer { bytes.append(contentsOf: value.utf8CString) }
        return bytes.count
    }
    return bytes.withUnsafeBufferPointer { buffer in
        body(offsets.map { offset in offset.flatMap { buffer.baseAddress?.advanced(by: $0) } })
    }
}
