package main

import (
	"waybill/gateway/outbound"
	gatewaypg "waybill/gateway/postgres"
	gatewayrpc "waybill/gateway/rpc"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
)

// outbound makes what sends texts.
func (p *process) outbound() {
	queue := gatewaypg.NewOutbound(p.store.pool)
	desk := &outbound.Desk{Store: queue, Region: p.globals.Region}
	gatewayv1.RegisterTextServiceServer(p.rpc, gatewayrpc.NewTextServer(desk, p.log))
}
