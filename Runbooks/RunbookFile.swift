/// The built-in runbooks, embedded from the files beside this one.
package enum RunbookFile {}
