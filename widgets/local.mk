noinst_LIBRARIES += libwidgets.a
libwidgets_a_SOURCES = \
	widgets/canvas.c widgets/canvas.h widgets/keysym.c widgets/keysym.h \
	widgets/pager.c widgets/pager.h widgets/pager_text.c widgets/pager_text.h \
	widgets/prompt.c widgets/prompt.h widgets/role.c widgets/role.h \
	widgets/spark.c widgets/spark.h \
	widgets/table.c widgets/table.h
