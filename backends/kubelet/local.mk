libbackends_a_SOURCES += \
	backends/kubelet/disk.c backends/kubelet/kubelet.h backends/kubelet/source.c \
	backends/kubelet/summary.c
