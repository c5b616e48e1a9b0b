package gateway

import (
	"errors"

	"waybill/gateway/codec"
	"waybill/tracking"
)

// The reasons for which the gateway itself rejects; those of tracking and of package codec come beside them. They are
// stored, so they don't change.
const (
	ReasonWrongPassword  tracking.Reason = "wrong_password"
	ReasonDeviceDisabled tracking.Reason = "device_disabled"
	ReasonForeignTopic   tracking.Reason = "foreign_topic"
	ReasonUnknownTopic   tracking.Reason = "unknown_topic"
	ReasonTooLarge       tracking.Reason = "payload_too_large"
	ReasonUnknownFormat  tracking.Reason = "unknown_format"
	ReasonNoFix          tracking.Reason = "no_fix"
	ReasonOtherUnit      tracking.Reason = "other_unit"
	ReasonIncomplete     tracking.Reason = "incomplete_text"
)

// rejection turns an error of a road or codec into a rejection; nil means that the error is none of these.
func rejection(err error) *Rejection {
	var r *Rejection
	var broken *codec.Error
	switch {
	case errors.As(err, &r):
		return r
	case errors.As(err, &broken):
		return &Rejection{Reason: reasonOf(broken.Reason), Detail: broken.Detail}
	case errors.Is(err, codec.ErrNoFix):
		return &Rejection{Reason: ReasonNoFix, Detail: "the message was understood and holds no position of now"}
	case errors.Is(err, codec.ErrNotMine):
		return &Rejection{Reason: ReasonUnknownFormat, Detail: "no known format begins like this"}
	default:
		return nil
	}
}

// reasonOf gives one word to what the codecs and tracking both find.
func reasonOf(r codec.Reason) tracking.Reason {
	switch r {
	case codec.ReasonPosition:
		return tracking.ReasonPosition
	case codec.ReasonTooLarge:
		return ReasonTooLarge
	case codec.ReasonSyntax, codec.ReasonChecksum, codec.ReasonTime, codec.ReasonNumber:
		return tracking.Reason(r)
	default: // a format may have reasons of its own
		return tracking.Reason(r)
	}
}

// advice says what to do about a reason.
func advice(reason tracking.Reason) string {
	switch reason {
	case tracking.ReasonUnknownDevice:
		return "If it is one of yours, make a device with this name or number, then replay the message."
	case tracking.ReasonPosition, tracking.ReasonValue:
		return "If the unit repeats this, look at its settings and its antenna; the message itself can't be used."
	case tracking.ReasonFuture:
		return "Set the unit's clock, or its time zone here if it sends local time, then replay the message."
	case tracking.ReasonPast:
		return "Keep positions for longer if it is needed, then replay the message; else look at the unit's clock."
	case tracking.ReasonConflict:
		return "The fix that was first is kept. A unit that often does this has a clock that is too coarse, or a double."
	case ReasonWrongPassword:
		return "Give the unit its name and password again; `waybill device credential` issues a new password."
	case ReasonDeviceDisabled:
		return "Enable the device if its fixes are wanted, then replay the message."
	case ReasonForeignTopic:
		return "Set the unit's topic to its own username: owntracks/<username>/... or waybill/<username>/fixes."
	case ReasonUnknownTopic:
		return "Publish to owntracks/<username>/<anything> or waybill/<username>/fixes."
	case ReasonTooLarge:
		return "Send fewer fixes in a message."
	case ReasonUnknownFormat:
		return "Set the unit to a format that the documentation lists, or teach this one: `waybill modem learn`."
	case ReasonIncomplete:
		return "What is missing may still come: the text is then taken in whole. Replaying this reads the parts that are there, one by one."
	case ReasonNoFix:
		return "The unit has no view of the sky, or was asked for something else; nothing is to be done here."
	case ReasonOtherUnit:
		return "If the unit was exchanged, correct the device's IMEI, then replay the message; else look who has the SIM."
	default:
		return "Compare the message with the format's documentation; if it is right, report it, then replay it."
	}
}
