// Package httpcheck asks a service over HTTP whether a step is proven, and
// whether a vehicle is able to have a service. A [Checker] is both an
// engine.Checker and an engine.Eligibility.
//
// # For whoever writes such a service
//
// Each question is a POST to the one URL, with a JSON object as its body, of the
// type application/json, and with "Authorization: Bearer TOKEN" where a token is
// configured. A question changes nothing, and the same one may come again.
//
// Is this step proven for this subject? The step's scope says which members
// besides step there are:
//
//	{"step": "trustedPhone", "user": "ann"}
//	{"step": "deviceActivation", "user": "ann", "device": "phone-1"}
//	{"step": "mediumCarKey", "user": "ann", "vin": "VR3UPHNKSKT000001"}
//	{"step": "deposit", "user": "ann", "stepsID": 132324}
//
// The answer says so in proven, and in until how long that counts (RFC 3339,
// not before 1970). Without until it counts as long as the plan says:
//
//	{"proven": true, "until": "2026-12-31T23:59:59Z"}
//	{"proven": false}
//
// Can this vehicle have this service? All four members are there:
//
//	{"carAssociationID": "987654", "user": "ann", "service": "remoteCommands", "vin": "VR3UPHNKSKT000001"}
//
// The answer says so in eligible, and if not, why, in a sentence for the user of
// up to 1024 bytes without control characters:
//
//	{"eligible": true}
//	{"eligible": false, "reason": "This vehicle has no modem."}
//
// An answer has the status 200 and is a JSON object in UTF-8 of up to 64 KiB. A
// member that stands twice, one of another type and a null where a member is
// needed are faults; members with other names are passed over, here and in the
// service. Redirects are not followed.
//
// Status 429 and 5xx say: not now. The question is asked again, after Retry-After
// where the answer has one (seconds or a date, up to a minute). So it is when
// there is no connection, when it breaks, and when the answer takes too long.
// Every other status says that the question is at fault, and it is asked once.
//
// # When the service fails
//
// After several failures in a row a circuit breaker opens: the service is left
// alone for a while, and whoever asks fails at once with [ErrOpen]. Then one
// question goes through, and its answer closes the breaker or keeps it open. An
// answer that is none counts as a failure; a question that is at fault does not,
// nor does one whose caller gave up.
package httpcheck
