themesdir = $(pkgdatadir)/themes
dist_themes_DATA = \
	themes/dark.yaml themes/default.yaml themes/high-contrast.yaml themes/light.yaml \
	themes/monochrome.yaml
