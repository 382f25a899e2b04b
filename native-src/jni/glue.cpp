// The code that JavaCPP generates between Java and flambeau.h, without the initialisation it brings along: that loads
// some twenty of JavaCPP's classes, for methods that take Pointers. Ours take integers and arrays, and start sooner.

#define JNI_OnLoad flambeau_unused_on_load
#define JNI_OnUnload flambeau_unused_on_unload
// Strings by JNI itself: the other way needs methods that the initialisation looks up.
#define MODIFIED_UTF8_STRING

#include FL_GLUE

extern "C" jint JNI_OnLoad_jnijavacpp(JavaVM*, void*) { return JNI_ERR; }
extern "C" void JNI_OnUnload_jnijavacpp(JavaVM*, void*) {}
