/* use.h - the stages of this plugin. */
#ifndef CLIO_EMBEDDER_USE_USE_H
#define CLIO_EMBEDDER_USE_USE_H
#include "clio.h"

extern const clio_stage use_stage;   /* use.c */
extern const clio_stage blend_stage; /* blend.c */
extern const clio_model use_model;   /* model_use.c */
#endif
