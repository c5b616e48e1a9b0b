package main

import (
	"waybill/gateway/codec"
	"waybill/gateway/codec/alarm"
	"waybill/gateway/codec/coban"
	"waybill/gateway/codec/codec4"
	"waybill/gateway/codec/concox"
	"waybill/gateway/codec/getgps"
	"waybill/gateway/codec/ggps"
	"waybill/gateway/codec/maplink"
	"waybill/gateway/codec/nmea"
	"waybill/gateway/codec/queclink"
	"waybill/gateway/codec/teltonika"
	"waybill/gateway/codec/xexun"
)

// textFormats are the formats of texts, in the order in which they are tried: those
// with a mark of their own before those that are told by a link alone, and last an
// alarm with nothing around it. testdata/texts.json has an example of each.
func textFormats() codec.Texts {
	return codec.Texts{
		{Name: "nmea", Decode: nmea.Decode},
		{Name: "xexun", Decode: xexun.Decode},
		{Name: "getgps", Decode: getgps.Decode},
		{Name: "teltonika", Decode: teltonika.Decode},
		{Name: "ggps", Decode: ggps.Decode},
		{Name: "queclink", Decode: queclink.Decode},
		{Name: "concox", Decode: concox.Decode},
		{Name: "coban", Decode: coban.Decode},
		{Name: "maplink", Decode: maplink.Decode},
		{Name: "alarm", Decode: alarm.Decode},
	}
}

// binaryFormats are the formats of 8-bit messages.
func binaryFormats() codec.Binaries {
	return codec.Binaries{{Name: "codec4", Decode: codec4.Decode}}
}
