package rpc

import (
	"context"
	"log/slog"
	"math"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"waybill/internal/paging"
	"waybill/internal/rpcerr"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

const (
	// usualTrack and largestTrack are how many fixes GetTrack answers with.
	usualTrack   = 1_000
	largestTrack = 10_000
	// partFixes and partBytes bound a message of StreamTrack.
	partFixes = 1_000
	partBytes = 256 << 10
)

// HistoryServer serves HistoryService.
type HistoryServer struct {
	trackingv1.UnimplementedHistoryServiceServer
	tracks tracking.Tracks
	log    *slog.Logger
}

// NewHistoryServer returns a server over the tracks.
func NewHistoryServer(tracks tracking.Tracks, log *slog.Logger) *HistoryServer {
	return &HistoryServer{tracks: tracks, log: log}
}

// GetTrack returns a track with as few fixes as draw it well enough.
func (s *HistoryServer) GetTrack(ctx context.Context, r *trackingv1.GetTrackRequest) (*trackingv1.GetTrackResponse, error) {
	query, err := trackQuery(r.GetName(), r.GetFromTime(), r.GetToTime())
	if err != nil {
		return nil, err
	}
	if err := checkTolerance(r.GetTolerance()); err != nil {
		return nil, err
	}
	points := paging.Size(r.GetMaxPoints(), usualTrack, largestTrack)
	if r.GetMaxPoints() < 0 || points < 2 {
		return nil, rpcerr.Invalid(rpcerr.Field("max_points", "ask for 2 or more: the first fix and the last are always there"))
	}
	query.Bare = true
	drawing, err := tracking.Draw(tracking.Track(ctx, s.tracks, query), r.GetTolerance(), points)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetName()})
	}
	track := &trackingv1.Track{
		Fixes: make([]*trackingv1.Fix, len(drawing.Reports)), FixCount: drawing.Count, Deviation: drawing.Deviation,
	}
	for i, report := range drawing.Reports {
		if track.Fixes[i], err = fixToWire(report.Fix); err != nil {
			return nil, answer(ctx, s.log, err, subject{name: r.GetName()})
		}
	}
	return &trackingv1.GetTrackResponse{Track: track}, nil
}

// StreamTrack sends a track of any length.
func (s *HistoryServer) StreamTrack(r *trackingv1.StreamTrackRequest, stream grpc.ServerStreamingServer[trackingv1.StreamTrackResponse]) error {
	query, err := trackQuery(r.GetName(), r.GetFromTime(), r.GetToTime())
	if err != nil {
		return err
	}
	if err := checkTolerance(r.GetTolerance()); err != nil {
		return err
	}
	track := tracking.Track(stream.Context(), s.tracks, query)
	if r.Tolerance != nil {
		track = tracking.Simplified(track, r.GetTolerance())
	}
	part := trackPart{stream: stream}
	for report, err := range track {
		if err == nil {
			err = part.add(report)
		}
		if err != nil {
			return answer(stream.Context(), s.log, err, subject{name: r.GetName()})
		}
	}
	return part.send()
}

// trackPart collects what one message of a track holds.
type trackPart struct {
	stream grpc.ServerStreamingServer[trackingv1.StreamTrackResponse]
	next   *trackingv1.StreamTrackResponse
	bytes  int
}

func (p *trackPart) add(report tracking.Report) error {
	fix, err := reportToWire(report)
	if err != nil {
		return err
	}
	device, size := resourceName(devices, report.Device), proto.Size(fix)
	if p.next.GetDevice() != device || len(p.next.GetFixes()) == partFixes || p.bytes+size > partBytes {
		if err := p.send(); err != nil {
			return err
		}
		p.next = &trackingv1.StreamTrackResponse{Device: device}
	}
	p.next.Fixes = append(p.next.Fixes, fix)
	p.bytes += size
	return nil
}

func (p *trackPart) send() error {
	if p.next == nil {
		return nil
	}
	part := p.next
	p.next, p.bytes = nil, 0
	return p.stream.Send(part)
}

// trackQuery reads whose track is asked for, and of when.
func trackQuery(name string, fromTime, toTime *timestamppb.Timestamp) (tracking.TrackQuery, error) {
	from, to, err := timeRange(fromTime, toTime)
	if err != nil {
		return tracking.TrackQuery{}, err
	}
	query := tracking.TrackQuery{From: from, To: to}
	if strings.HasPrefix(name, devices+"/") {
		query.Device, err = uidOf(devices, "name", name)
	} else {
		query.Vehicle, err = uidOf(vehicles, "name", name)
	}
	return query, err
}

func checkTolerance(metres float64) error {
	if metres < 0 || math.IsNaN(metres) || math.IsInf(metres, 0) {
		return rpcerr.Invalid(rpcerr.Field("tolerance", "give a distance in metres, 0 or more"))
	}
	return nil
}
