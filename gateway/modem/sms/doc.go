// Package sms gives the meaning of short messages: which memories a modem has, what is stored in them, what a PDU says,
// and which PDUs together are one text (3GPP TS 27.005, 23.040).
//
// It reads stored messages only. Delivery straight to the line (CNMI mt=2) is never asked for, because what is not
// stored is lost with whoever reads it.
package sms
