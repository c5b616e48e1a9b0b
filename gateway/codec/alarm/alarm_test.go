package alarm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"waybill/gateway/codec/alarm"
	"waybill/gateway/codec/texttest"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	texttest.Golden(t, alarm.Decode)
}

func FuzzDecode(f *testing.F) { texttest.Fuzz(f, alarm.Decode) }

func TestWord(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"help me!": alarm.SOS, "  HELP  me !!\r\n": alarm.SOS, "SOS alarm": alarm.SOS, "*sos*": alarm.SOS, "Panic button": alarm.SOS,
		"ac alarm": alarm.PowerCut, "power alarm!": alarm.PowerCut, "No power!": alarm.PowerCut, "Cut Power Alert!": alarm.PowerCut,
		"sensor alarm": alarm.Shock, "shock alarm!": alarm.Shock, "Vibration Alert": alarm.Shock, "Crash detection": alarm.Shock,
		"low battery": alarm.LowBattery, "door alarm": alarm.DoorOpen, "speed!": alarm.Speeding, "Over-speed alarm": alarm.Speeding,
		"move": alarm.Moved, "stockade": alarm.Fence, "acc alarm": alarm.Ignition,
		"": "", "alarm": "", "helpful": "", "power: off": "", "help me with my order please": "", "begin ok": "", "\xff\xfe": "",
	} {
		require.Equal(t, want, alarm.Word(said), "%q", said)
	}
}

func TestLeading(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"help me! http://maps.google.com/maps?q=1,2": alarm.SOS,
		"help me\nBattery 3.8 V, no sky":             alarm.SOS,
		"SOS: somewhere":                             alarm.SOS,
		"\r\n low battery!\r\n":                      alarm.LowBattery,
		"where is my order? help me!":                "",
		"Cut Power Alert, Lat:1,Lon:2":               alarm.PowerCut,
		"help me, quickly":                           alarm.SOS,
		"Power: ON\nBat: 100%":                       "",
		"power: off bat: 100% GPRS: off":             "",
		"Speed: 20 km/h":                             "",
		"speed, 20":                                  "",
		"Door:open":                                  "",
		"\xff\xfehelp me":                            "",
		"lat:1 long:2":                               "",
		"":                                           "",
	} {
		require.Equal(t, want, alarm.Leading(text), "%q", text)
	}
}
