// Package demo plays a small company on a running Waybill, through the same doors
// as everybody: the API, the MQTT endpoint, and texts in the SIM of an emulated
// modem. Its trucks drive, its orders are at every stage, and one thing of each
// kind has gone wrong.
package demo
