# Plug-ins (backends/plugin.h): an example that is built and loaded by `make check`, and one of another
# interface. A shared object, so not what the program's own flags make.
SO_COMPILE_FLAGS = $(WARN_CFLAGS) $(SANITIZE_CFLAGS) -fPIC
SO_LINK_FLAGS = -shared $(SANITIZE_LDFLAGS) -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
check_PROGRAMS += plugins/uptime.so plugins/other.so
plugins_uptime_so_SOURCES = plugins/uptime.c
plugins_uptime_so_CFLAGS = $(SO_COMPILE_FLAGS)
plugins_uptime_so_LDFLAGS = $(SO_LINK_FLAGS)
plugins_other_so_SOURCES = plugins/other.c
plugins_other_so_CFLAGS = $(SO_COMPILE_FLAGS)
plugins_other_so_LDFLAGS = $(SO_LINK_FLAGS)
