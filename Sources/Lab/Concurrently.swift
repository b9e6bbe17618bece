internal import Essentials

/// Runs `work` for all elements side by side.
/// - Throws: the first failure, after the others were cancelled and have ended.
func concurrently<Element: Sendable>(
    _ elements: [Element], _ work: @escaping @Sendable (Element) async throws(Failure) -> Void
) async throws(Failure) {
    let failure = await withTaskGroup(of: Failure?.self) { group in
        for element in elements {
            group.addTask {
                do throws(Failure) { try await work(element) } catch { return error }
                return nil
            }
        }
        var first: Failure?
        for await failure in group where failure != nil && first == nil {
            first = failure
            group.cancelAll()
        }
        return first
    }
    if let failure { throw failure }
}

/// Looks at `condition` again and again until it holds; false when the deadline passed before.
/// - Throws: `cancelled`.
func eventually(
    by deadline: Deadline, every interval: Duration = .milliseconds(5), _ condition: () throws(Failure) -> Bool
) async throws(Failure) -> Bool {
    while try !condition() {
        if deadline.hasPassed { return false }
        do { try await Task.sleep(for: interval) } catch { throw Failure(.cancelled, "cancelled while waiting") }
    }
    return true
}
