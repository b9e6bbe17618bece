/// A whole configuration that shows what an estate may hold, embedded from the file of that name.
package enum EstateExample {
    /// The file's text.
    package static var text: String { String(decoding: PackageResources.estate_yaml, as: UTF8.self) }
}
