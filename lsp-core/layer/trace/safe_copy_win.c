/* Copying from memory that may not be there; see trace_copy in write.h. A frame handler of its own on each
 * architecture, for GCC knows no __try: where the copy faults, the thread goes on behind it with "false". */
#include "write.h"

#include <windows.h>

void trace_copy_failed(void); /* a label inside trace_copy */
EXCEPTION_DISPOSITION trace_copy_fault(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, void *dispatcher);

/* Only what touching memory raises; all else is not ours. (winnt.h, EXCEPTION_DISPOSITION in excpt.h) */
__attribute__((used)) EXCEPTION_DISPOSITION trace_copy_fault(EXCEPTION_RECORD *record, void *frame, CONTEXT *context,
                                                             void *dispatcher)
{
    (void)frame, (void)dispatcher;
    DWORD code = record->ExceptionCode;
    if (code != EXCEPTION_ACCESS_VIOLATION && code != EXCEPTION_IN_PAGE_ERROR && code != EXCEPTION_GUARD_PAGE &&
        code != EXCEPTION_DATATYPE_MISALIGNMENT)
        return ExceptionContinueSearch;
#ifdef _WIN64
    context->Rip = (DWORD64)(uintptr_t)trace_copy_failed;
#else
    context->Eip = (DWORD)(uintptr_t)trace_copy_failed;
#endif
    return ExceptionContinueExecution;
}

/* Most of what is copied is one word or two: no string instruction, whose start alone takes longer. */
#ifdef _WIN64
__asm__(".text\n"
        ".globl trace_copy\n"
        ".def trace_copy; .scl 2; .type 32; .endef\n"
        ".seh_proc trace_copy\n"
        "trace_copy:\n"
        "    .seh_endprologue\n"
        "    .seh_handler trace_copy_fault, @except\n"
        "1:  cmpq $8, %r8\n"
        "    jb 2f\n"
        "    movq (%rdx), %rax\n"
        "    movq %rax, (%rcx)\n"
        "    addq $8, %rdx\n"
        "    addq $8, %rcx\n"
        "    subq $8, %r8\n"
        "    jmp 1b\n"
        "2:  cmpq $4, %r8\n"
        "    jb 3f\n"
        "    movl (%rdx), %eax\n"
        "    movl %eax, (%rcx)\n"
        "    addq $4, %rdx\n"
        "    addq $4, %rcx\n"
        "    subq $4, %r8\n"
        "3:  testq %r8, %r8\n"
        "    jz 5f\n"
        "4:  movb (%rdx), %al\n"
        "    movb %al, (%rcx)\n"
        "    incq %rdx\n"
        "    incq %rcx\n"
        "    decq %r8\n"
        "    jnz 4b\n"
        "5:  movl $1, %eax\n"
        "    ret\n"
        ".globl trace_copy_failed\n"
        "trace_copy_failed:\n"
        "    xorl %eax, %eax\n"
        "    ret\n"
        ".seh_endproc\n");
#else
__asm__(".text\n"
        ".globl _trace_copy\n"
        "_trace_copy:\n"
        "    pushl %edi\n"
        "    pushl %esi\n"
        "    movl 12(%esp), %edi\n"
        "    movl 16(%esp), %esi\n"
        "    movl 20(%esp), %ecx\n"
        "    pushl $_trace_copy_fault\n"
        "    pushl %fs:0\n"
        "    movl %esp, %fs:0\n"
        "1:  cmpl $4, %ecx\n"
        "    jb 2f\n"
        "    movl (%esi), %eax\n"
        "    movl %eax, (%edi)\n"
        "    addl $4, %esi\n"
        "    addl $4, %edi\n"
        "    subl $4, %ecx\n"
        "    jmp 1b\n"
        "2:  testl %ecx, %ecx\n"
        "    jz 4f\n"
        "3:  movb (%esi), %al\n"
        "    movb %al, (%edi)\n"
        "    incl %esi\n"
        "    incl %edi\n"
        "    decl %ecx\n"
        "    jnz 3b\n"
        "4:  movl $1, %eax\n"
        "    jmp 5f\n"
        ".globl _trace_copy_failed\n"
        "_trace_copy_failed:\n"
        "    xorl %eax, %eax\n"
        "5:  popl %fs:0\n"
        "    addl $4, %esp\n"
        "    popl %esi\n"
        "    popl %edi\n"
        "    ret\n");
#endif
