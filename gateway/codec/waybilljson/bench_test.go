package waybilljson_test

import (
	"testing"

	"waybill/gateway/codec/waybilljson"
)

func BenchmarkDecode(b *testing.B) {
	one := `{"time":"2026-04-05T06:07:08.25Z","longitude":116.391,"latitude":39.907,"altitude":44.5,"speed":13.9,"course":271,"accuracy":5,"satellites":11,"attributes":{"battery_percent":81,"ignition":true}}`
	for _, message := range []struct{ name, payload string }{{"one", one}, {"array of two", "[" + one + "," + one + "]"}} {
		b.Run(message.name, func(b *testing.B) {
			payload := []byte(message.payload)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := waybilljson.Decode(payload); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
