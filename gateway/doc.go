// Package gateway is the device side: it knows bytes, and nothing of vehicles or customers.
//
// Whatever comes in, by whichever [Road], takes one way through [Intake]: read (whose is it, what is in it), deliver to
// the [Sink], keep what could not become a fix as [RejectedInput]. When that has succeeded everything is durable, and
// the source may be acknowledged; when it has not, the source must send again. Nothing vanishes in between.
package gateway
