using System.Runtime.InteropServices;

namespace Llama2.Evaluation.Sandboxes;

/// <summary>The numbers of Linux's system calls on a processor architecture, as far as the filter names them.</summary>
/// <param name="ArchitectureNumber">The number of the architecture in seccomp (AUDIT_ARCH_*).</param>
/// <param name="CloneProcess">clone.</param>
/// <param name="CloneProcess3">clone3.</param>
/// <param name="Socket">socket.</param>
/// <param name="IoControl">ioctl.</param>
/// <param name="Denied">System calls that a program in the sandbox does not need, and that have been the way out of sandboxes or around their limits.</param>
internal sealed record SystemCallNumbers(uint ArchitectureNumber, uint CloneProcess, uint CloneProcess3, uint Socket, uint IoControl, uint[] Denied)
{
    private static readonly SystemCallNumbers s_x64 = new(
        ArchitectureNumber: 0xC000003E, CloneProcess: 56, CloneProcess3: 435, Socket: 41, IoControl: 16,
        [
            101, 310, 311, 312, 440, 438, // ptrace, process_vm_readv, process_vm_writev, kcmp, process_madvise, pidfd_getfd
            165, 166, 155, 161, 272, 308, // mount, umount2, pivot_root, chroot, unshare, setns
            428, 429, 430, 431, 432, 433, 442, // open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr
            248, 249, 250, 321, 298, 323, 300, // add_key, request_key, keyctl, bpf, perf_event_open, userfaultfd, fanotify_init
            425, 426, 427, 303, 304, // io_uring_setup, io_uring_enter, io_uring_register, name_to_handle_at, open_by_handle_at
            246, 320, 175, 313, 176, 169, 167, 168, // kexec_load, kexec_file_load, init_module, finit_module, delete_module, reboot, swapon, swapoff
            179, 163, 103, 164, 227, 159, 305, 170, 171, // quotactl, acct, syslog, settimeofday, clock_settime, adjtimex, clock_adjtime, sethostname, setdomainname
            135, 256, 279, 237, 238, // personality, migrate_pages, move_pages, mbind, set_mempolicy
            319, 447, 29, 30, 31, 64, 66, 65, 220, 68, 69, 70, 71, 240, // memory that no process maps: memfd_create, memfd_secret, shm*, sem*, msg*, mq_open
            172, 173, 154, 153, 134, // iopl, ioperm, modify_ldt, vhangup, uselib
        ]);

    private static readonly SystemCallNumbers s_arm64 = new(
        ArchitectureNumber: 0xC00000B7, CloneProcess: 220, CloneProcess3: 435, Socket: 198, IoControl: 29,
        [
            117, 270, 271, 272, 440, 438, 40, 39, 41, 51, 97, 268, 428, 429, 430, 431, 432, 433, 442, 217, 218, 219, 280, 241, 282, 262, 425, 426, 427, 264, 265,
            104, 294, 105, 273, 106, 142, 224, 225, 60, 89, 116, 170, 112, 171, 266, 161, 162, 92, 238, 239, 235, 237,
            279, 447, 194, 196, 195, 190, 191, 193, 192, 186, 189, 188, 187, 180, 58,
        ]);

    /// <summary>The numbers on the architecture of this process; null if they are not known.</summary>
    public static SystemCallNumbers? OfThisMachine => Of(RuntimeInformation.ProcessArchitecture);

    /// <summary>The numbers on an architecture; null if they are not known.</summary>
    public static SystemCallNumbers? Of(Architecture architecture) => architecture switch
    {
        Architecture.X64 => s_x64,
        Architecture.Arm64 => s_arm64,
        _ => null,
    };
}
