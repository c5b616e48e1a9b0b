package demo

import (
	"github.com/paulmach/orb"

	"waybill/geo"
)

// route is a way over the ground, as longitude and latitude.
type route []orb.Point

// length is the length in metres.
func (r route) length() float64 {
	sum := 0.0
	for i := 1; i < len(r); i++ {
		sum += geo.Distance(r[i-1], r[i])
	}
	return sum
}

// at is the point after a distance in metres from the start, and the course there
// in degrees.
func (r route) at(distance float64) (orb.Point, float64) {
	for i := 1; i < len(r); i++ {
		leg := geo.Distance(r[i-1], r[i])
		course := geo.Bearing(r[i-1], r[i])
		if distance <= leg || i == len(r)-1 {
			return geo.Destination(r[i-1], course, min(distance, leg)), course
		}
		distance -= leg
	}
	return r[0], 0
}

// back is the same way in the other direction.
func (r route) back() route {
	reversed := make(route, len(r))
	for i, p := range r {
		reversed[len(r)-1-i] = p
	}
	return reversed
}

// to continues the way.
func (r route) to(more ...orb.Point) route { return append(append(route(nil), r...), more...) }

// The places that the company and its customers are at, and what lies between, on
// the motorways of the Yangtze delta.
func places() map[string]orb.Point {
	return map[string]orb.Point{
		"works":     {120.7250, 31.2620}, // Suzhou Industrial Park
		"warehouse": {120.9560, 31.3360}, // Kunshan
		"hub":       {121.2250, 31.3120}, // Jiading
		"lab":       {121.5990, 31.2060}, // Shanghai, Zhangjiang
		"hospital":  {121.4680, 31.2110}, // Shanghai, Ruijin
		"nanjing":   {118.9110, 32.0990}, // Nanjing, Xianlin
		"hangzhou":  {120.1940, 30.1860}, // Hangzhou, Binjiang
		"wuxi":      {120.3700, 31.4920}, // Wuxi, Xinwu
		"ningbo":    {121.5580, 29.8820}, // Ningbo, Yinzhou
	}
}

// routes are the ways that trucks drive, from the works.
func routes() map[string]route {
	p := places()
	east := route{p["works"]}.to(orb.Point{120.7700, 31.3000}, orb.Point{120.8600, 31.3350}, p["warehouse"],
		orb.Point{121.0300, 31.3300}, orb.Point{121.1300, 31.3180}, p["hub"])
	shanghai := east.to(orb.Point{121.3200, 31.2560}, orb.Point{121.3900, 31.2180})
	west := route{p["works"]}.to(orb.Point{120.6800, 31.3300}, orb.Point{120.5600, 31.3900}, p["wuxi"])
	south := route{p["works"]}.to(orb.Point{120.6900, 31.1500}, orb.Point{120.6700, 30.9500}, orb.Point{120.7400, 30.7600})
	return map[string]route{
		"lab":       shanghai.to(orb.Point{121.4700, 31.1900}, orb.Point{121.5500, 31.2000}, p["lab"]),
		"hospital":  shanghai.to(orb.Point{121.4300, 31.2100}, p["hospital"]),
		"warehouse": {p["works"], {120.7700, 31.3000}, {120.8600, 31.3350}, p["warehouse"]},
		"hub":       east,
		"wuxi":      west,
		"nanjing": west.to(orb.Point{120.1500, 31.6300}, orb.Point{119.9300, 31.7700}, orb.Point{119.5600, 31.9500},
			orb.Point{119.2200, 32.0700}, p["nanjing"]),
		"hangzhou": south.to(orb.Point{120.6000, 30.6000}, orb.Point{120.4000, 30.4200}, orb.Point{120.2500, 30.2700}, p["hangzhou"]),
		"ningbo": south.to(orb.Point{120.9700, 30.6800}, orb.Point{121.0500, 30.5700}, orb.Point{121.1700, 30.3200},
			orb.Point{121.3800, 30.1000}, p["ningbo"]),
	}
}
