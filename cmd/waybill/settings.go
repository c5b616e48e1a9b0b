package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"
)

// settings are what `serve` and `demo` can be told.
type settings struct {
	Roles []string `help:"Which parts to run in this process: gateway, tracking, crm." default:"gateway,tracking,crm" enum:"gateway,tracking,crm"`

	HTTPAddress string `help:"Where pages, REST, health and metrics are served." default:"127.0.0.1:8080" name:"http-address"`
	GRPCAddress string `help:"Where gRPC is served." default:"127.0.0.1:9090" name:"grpc-address"`
	MQTTAddress string `help:"Where devices connect by MQTT; empty for nowhere." default:"127.0.0.1:1883" name:"mqtt-address"`
	PublicURL   string `help:"How customers reach the pages; tracking links begin with it. http://HTTP-ADDRESS when empty." placeholder:"URL"`

	TrustedProxies []netip.Prefix `help:"Networks of reverse proxies, which may say by X-Forwarded-For for whom they ask." placeholder:"CIDR"`

	HTTPTLS tlsFiles `embed:"" prefix:"http-"`
	GRPCTLS tlsFiles `embed:"" prefix:"grpc-"`
	MQTTTLS tlsFiles `embed:"" prefix:"mqtt-"`

	Peers  peerSettings   `embed:""`
	Modem  modemSettings  `embed:"" prefix:"modem-"`
	Broker brokerSettings `embed:"" prefix:"broker-"`
	Text   textSettings   `embed:"" prefix:"text-"`

	Gazetteer   bool          `help:"Fill an empty gazetteer with the places that the program carries, so that positions are put in words." default:"true" negatable:""`
	LiveAge     time.Duration `help:"A vehicle's position younger than this is called live; an older one, last known." default:"2m"`
	StaleAfter  time.Duration `help:"A fix received longer than this after its time is history: it raises no alert and no message." default:"10m"`
	SilentAfter time.Duration `help:"A device that has said nothing for so long is told as silent, unless it has a limit of its own. Never when 0." default:"30m"`
	Retention   time.Duration `help:"How long positions are kept: days that are older as a whole are dropped, and fixes that are older are rejected when they come. For ever when 0." default:"0"`

	SealAfter time.Duration `help:"How long after its end (UTC) a day of positions is sealed: sorted, and its places indexed. Never when 0." default:"24h"`
	SealAgain int64         `help:"How many late fixes have a sealed day sealed again." default:"100000"`
}

// peerSettings say where the roles are that this process doesn't run.
type peerSettings struct {
	TrackingAddress []string `help:"gRPC addresses of the processes that run the tracking role, when others do; gateways spread devices over them." placeholder:"HOST:PORT"`
	GatewayAddress  string   `help:"gRPC address of the gateway role, when another process runs it." placeholder:"HOST:PORT"`
	CRMAddress      string   `help:"gRPC address of the crm role, when another process runs it." placeholder:"HOST:PORT" name:"crm-address"`
	PeerToken       string   `help:"Token of the role peer that this process shows the others (waybill token create --role peer)." placeholder:"TOKEN"`
	PeerCA          string   `help:"Certificates (PEM) by which the others are trusted; without, they are spoken to in the clear." placeholder:"FILE" name:"peer-ca" type:"path"`
}

// modemSettings say which GSM modems there are.
type modemSettings struct {
	Path  []string      `help:"Serial port of a GSM modem, best by a stable name under /dev/serial/by-id, or a pattern of such ('/dev/serial/by-id/*-if00-port0'): what it matches is run while it is plugged in. May be given more than once." placeholder:"PATH"`
	PIN   []string      `help:"PIN of the SIMs that ask for one; KEY=PIN for one SIM by its ICCID, or one modem by its IMEI or path. A wrong one is never tried twice." placeholder:"PIN"`
	Baud  int           `help:"Speed of the serial ports." default:"115200"`
	Sweep time.Duration `help:"How often the memories are read even when nothing was announced." default:"30s"`

	PerMinute   float64       `help:"How many messages each modem may send in any minute. Networks bar SIMs that send much faster than 10." default:"8"`
	NetworkWait time.Duration `help:"How long a modem may be without network before it is told to look for one, and then to switch its radio off and on." default:"5m"`
	Full        float64       `help:"How full a memory is, in percent, when an alert is opened; it is over at three quarters of that." default:"80"`
	Weak        int           `help:"The signal in dBm at which an alert is opened; it is over 4 dB above." default:"-105"`
	Host        string        `help:"Name of this gateway in alerts of modems, which has to stay the same; the machine's when empty." placeholder:"NAME"`
	PartsWait   time.Duration `help:"How long the missing parts of a long text are waited for, before what there is of it is kept as rejected input." default:"24h"`
}

// textSettings say how people are answered who text us.
type textSettings struct {
	Number []string      `help:"Numbers of our own SIMs. The first is shown where people are told what to text; texts from any are never answered." placeholder:"NUMBER"`
	Zone   string        `help:"IANA time zone of the times in answers; the machine's when empty." placeholder:"ZONE"`
	Each   int           `help:"How many texts of one number are answered in the window; the next is told that they are too many, and those behind it nothing." default:"10"`
	All    int           `help:"How many texts of people are answered in the window in all." default:"200"`
	Window time.Duration `help:"The time in which answers are counted." default:"1h"`
}

// brokerSettings say which outside MQTT broker to read from.
type brokerSettings struct {
	URL      string   `help:"Outside MQTT broker to subscribe to: tcp://HOST:1883 or ssl://HOST:8883." placeholder:"URL" name:"url"`
	Topic    []string `help:"What to subscribe to." default:"owntracks/+/+,waybill/+/fixes"`
	Share    string   `help:"Name of a shared subscription, so that several gateways split the stream." placeholder:"GROUP"`
	ClientID string   `help:"Client id. The broker keeps what comes while it is away, so each gateway has one of its own." default:"waybill" name:"client-id"`
	Username string   `help:"Username at the broker." placeholder:"NAME"`
	Password string   `help:"Password at the broker." placeholder:"PASSWORD"`
	CA       string   `help:"Certificates (PEM) by which the broker is trusted; the system's without." placeholder:"FILE" name:"ca" type:"path"`
}

// tlsFiles are the certificate of one listener; both or none.
type tlsFiles struct {
	TLSCert string `help:"Certificate (PEM) of this listener; it serves in the clear without." placeholder:"FILE" name:"tls-cert" type:"path"`
	TLSKey  string `help:"Key (PEM) of the certificate." placeholder:"FILE" name:"tls-key" type:"path"`
}

// config is the TLS of a listener, or nil to serve in the clear.
func (f tlsFiles) config() (*tls.Config, error) {
	switch {
	case f.TLSCert == "" && f.TLSKey == "":
		return nil, nil //nolint:nilnil // nil is how every server here is told to serve in the clear
	case f.TLSCert == "" || f.TLSKey == "":
		return nil, usageError{"a TLS certificate and its key go together: give both tls-cert and tls-key, or neither"}
	}
	pair, err := tls.LoadX509KeyPair(f.TLSCert, f.TLSKey)
	if err != nil {
		return nil, fmt.Errorf("load the TLS certificate: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// trust is the TLS of a client that trusts the certificates in the file.
func trust(file string) (*tls.Config, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the trusted certificates: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s has no certificate in PEM", file)
	}
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, nil
}

// listen opens a TCP listener, or says what to do when the address is taken.
func listen(ctx context.Context, what, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			return nil, fmt.Errorf("%s can't listen on %s: %w; is another Waybill running? Choose another with --%s-address", what, address, op.Err, what)
		}
		return nil, fmt.Errorf("%s can't listen on %s: %w", what, address, err)
	}
	return l, nil
}
