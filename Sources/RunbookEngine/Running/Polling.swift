/// Asks several places at once and waits for all of them; for those that are known to be silent only as long as what
/// the others said doesn't suffice.
/// - Parameters:
///   - silent: the places that gave no answer a moment ago.
///   - suffices: whether the answers so far, by place, are enough.
func poll<Answer: Sendable>(
    _ places: [String], silent: Set<String>, suffices: ([String: Answer]) -> Bool,
    _ ask: @escaping @Sendable (String) async -> Answer
) async -> [String: Answer] {
    await withTaskGroup(of: (String, Answer).self) { tasks in
        for place in places {
            tasks.addTask {
                let answer = await ask(place)
                return (place, answer)
            }
        }
        var answers: [String: Answer] = [:]
        for await (place, answer) in tasks {
            answers[place] = answer
            let open = Set(places).subtracting(answers.keys)
            if !open.isEmpty, open.isSubset(of: silent), suffices(answers) { tasks.cancelAll() }
        }
        return answers
    }
}
