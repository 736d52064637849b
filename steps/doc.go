// Package steps holds the words and the rules of service activations.
//
// An [Activation] is one association (a user requesting a service for a
// vehicle) on one device. It walks through the ordered steps of a [Plan],
// moved by an [Event]; each event gets one [Verdict], and each verdict is an
// [Entry] in the activation's history.
//
// Everything here is a value: no I/O, no clock, no goroutine, and nothing but
// the standard library is imported. All types may be copied; slices in them
// are shared by the copies and are never written after they were made.
package steps
