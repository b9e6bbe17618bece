package import Configuration

/// What a cluster survives with a certain node as primary, and what would make it survive the rest.
package struct Outlook: Sendable, Equatable {
    /// The node that is primary, and is lost in any case.
    package var primary: String
    /// Those of whom a majority must agree.
    package var voters: Voters
    /// The losses that are survived; the first is that of the primary alone, if that is.
    package var survived: [Loss]
    /// Those that are not.
    package var fatal: [Fatal]

    /// A loss that is not survived.
    package struct Fatal: Sendable, Equatable {
        /// What is lost, besides the primary.
        package var loss: Loss
        /// How many more witnesses, each at a site and on a host of its own, would be enough; nil: none are, since
        /// nobody is left to promote.
        package var missingWitnesses: Int?

        /// A loss by its parts.
        package init(_ loss: Loss, missingWitnesses: Int?) {
            self.loss = loss
            self.missingWitnesses = missingWitnesses
        }
    }

    /// An outlook by its parts.
    package init(primary: String, voters: Voters, survived: [Loss], fatal: [Fatal]) {
        self.primary = primary
        self.voters = voters
        self.survived = survived
        self.fatal = fatal
    }
}

extension ClusterConfiguration {
    /// What the cluster survives with that node as primary.
    package func outlook(ofPrimary primary: String) -> Outlook {
        let survival = survival(ofPrimary: primary)
        let alone = Loss.node(primary)
        let isAloneSurvived = survives(alone, replacing: primary)
        let fatal = (isAloneSurvived ? [] : [alone]) + survival.fatal
        return Outlook(
            primary: primary, voters: voters(replacing: primary),
            survived: (isAloneSurvived ? [alone] : []) + survival.survived,
            fatal: fatal.map { Outlook.Fatal($0, missingWitnesses: missingWitnesses(for: $0, replacing: primary)) })
    }

    /// The least number of witnesses whose votes would make a loss one that is survived.
    ///
    /// As many as there are voters are enough where anybody is left: one that is left and they are a majority.
    private func missingWitnesses(for loss: Loss, replacing primary: String) -> Int? {
        var cluster = self
        for count in 1...max(1, voters(replacing: primary).count) {
            cluster.witnesses.append(furtherWitness(count))
            if cluster.survives(loss, replacing: primary) { return count }
        }
        return nil
    }

    /// A witness that is lost with nothing else: no host of a configuration has two lines.
    private func furtherWitness(_ number: Int) -> WitnessConfiguration {
        let name = "further\nwitness \(number)"
        return WitnessConfiguration(name: name, ssh: SSHAddress(host: name))
    }
}
