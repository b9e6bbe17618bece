internal import Essentials

/// What came of a body, as a value.
///
/// Written out in the closure of a task whose value is a tuple, the optimizer (Swift 6.3.1) leaves the tuple's first
/// element unset; for the same reason it must not be inlined.
@inline(never)
func outcome<Value: Sendable>(
    _ body: () async throws(Failure) -> Value
) async -> Result<Value, Failure> {
    do throws(Failure) { return .success(try await body()) } catch { return .failure(error) }
}
