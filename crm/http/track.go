package crmhttp

import "net/http"

func (h *Handler) deviceTrack(w http.ResponseWriter, r *http.Request)  {}
func (h *Handler) vehicleTrack(w http.ResponseWriter, r *http.Request) {}
