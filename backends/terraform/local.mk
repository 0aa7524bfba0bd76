libbackends_a_SOURCES += \
	backends/terraform/account.c backends/terraform/discover.c backends/terraform/look.c \
	backends/terraform/run.c backends/terraform/terraform.c backends/terraform/terraform.h \
	backends/terraform/workspace.c backends/terraform/workspace_judge.c
