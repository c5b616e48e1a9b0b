// Package waybilljson reads Waybill's own JSON: one fix, or an array of fixes, oldest first.
//
//	{
//	  "time": "2026-04-05T06:07:08.25Z",  RFC 3339 with any offset, or seconds of Unix time as a number; required
//	  "longitude": 116.391,               degrees, WGS-84; required
//	  "latitude": 39.907,                 degrees, WGS-84; required
//	  "altitude": 44.5,                   metres
//	  "speed": 13.9,                      metres a second over ground
//	  "course": 271.0,                    degrees clockwise from true north
//	  "accuracy": 5.0,                    metres, radius of the horizontal error
//	  "satellites": 11,                   used for the fix
//	  "attributes": {"battery_percent": 81, "ignition": true}
//	}
//
// What a unit doesn't know it leaves out, or sends as null. A member that is not in this list makes the fix rejected
// and visible: a misspelt name would otherwise lose its value for ever, and a newer one can be replayed after an update.
// Anything else that a unit wants to say belongs into attributes: at most 64, named in lower snake case with at most 64
// characters, at most 4,096 bytes together. Times count to the microsecond.
//
// Each fix of an array stands for itself: bad ones are rejected one by one, and the others stored together.
package waybilljson
