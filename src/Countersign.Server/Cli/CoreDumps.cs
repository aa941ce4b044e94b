using System.Runtime.InteropServices;

namespace Countersign.Server.Cli;

/// <summary>Keys, passwords and codes lie in the memory of the process: the kernel is not to write it to a disk when it dies.</summary>
internal static class CoreDumps
{
    private const int SetDumpable = 4;

    /// <summary>Also keeps other processes of the same user from looking into this one. Only Linux knows how.</summary>
    public static void Forbid()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Control(SetDumpable, 0, 0, 0, 0);
        }
    }

#pragma warning disable SYSLIB1054 // The generator would have the whole project compiled as unsafe, for the same call.
    [DllImport("libc", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(int option, nuint value, nuint third, nuint fourth, nuint fifth);
#pragma warning restore SYSLIB1054
}
