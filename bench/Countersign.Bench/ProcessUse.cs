using System.Globalization;

namespace Countersign.Bench;

/// <summary>CPU time since a process began, and what of it two sorts of the server's threads used.</summary>
/// <param name="Hashing">The threads that do nothing but hash passwords.</param>
/// <param name="Writing">The thread through which every change of the embedded database goes.</param>
internal sealed record CpuUse(double Total, double Hashing, double Writing)
{
    public static CpuUse operator -(CpuUse later, CpuUse earlier) =>
        new(later.Total - earlier.Total, later.Hashing - earlier.Hashing, later.Writing - earlier.Writing);
}

/// <summary>What the kernel says of a process (proc(5)).</summary>
internal static class ProcessUse
{
    // USER_HZ is 100 on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    // The kernel keeps 15 characters of a thread's name.
    private const string HashingThreads = "countersign-pas";
    private const string WritingThread = "countersign-wri";

    public static CpuUse Cpu(int processId)
    {
        var (hashing, writing) = (0.0, 0.0);
        foreach (var task in Directory.GetDirectories($"/proc/{processId}/task"))
        {
            // A thread of the pool may have ended in the meantime.
            if (TryStat(task) is var (name, _, cpu))
            {
                hashing += name == HashingThreads ? cpu : 0;
                writing += name == WritingThread ? cpu : 0;
            }
        }

        return new CpuUse(Stat($"/proc/{processId}").Cpu, hashing, writing);
    }

    /// <summary>CPU time in seconds of a process, its children, and the children that have ended.</summary>
    public static double CpuOfFamily(int processId) =>
        Directory.GetDirectories("/proc").Where(folder => char.IsAsciiDigit(folder["/proc/".Length]))
            .Select(folder => (Folder: folder, Stat: TryStat(folder)))
            .Where(p => p.Stat?.Parent == processId || p.Folder == $"/proc/{processId}")
            .Sum(p => p.Stat?.Cpu ?? 0) + Ended($"/proc/{processId}");

    /// <summary>A size of the process in MiB: <c>VmRSS</c> is its memory now, <c>VmHWM</c> the most it ever had.</summary>
    public static double Memory(int processId, string what)
    {
        var line = File.ReadLines($"/proc/{processId}/status").First(l => l.StartsWith(what + ":", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>Sizes of the process's pages in MiB by sort, such as <c>Rss</c> and <c>Private_Dirty</c>.</summary>
    public static Dictionary<string, double> Pages(int processId) =>
        File.ReadLines($"/proc/{processId}/smaps_rollup").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(line => line[0].TrimEnd(':'), line => double.Parse(line[1], CultureInfo.InvariantCulture) / 1024);

    private static (string Name, int Parent, double Cpu)? TryStat(string folder)
    {
        try
        {
            return Stat(folder);
        }
        catch (IOException)
        {
            // It ended between the listing and now.
            return null;
        }
    }

    private static (string Name, int Parent, double Cpu) Stat(string folder)
    {
        var (name, fields) = Fields(folder);
        return (name, int.Parse(fields[1], CultureInfo.InvariantCulture), Seconds(fields[11]) + Seconds(fields[12]));
    }

    private static double Ended(string folder)
    {
        var (_, fields) = Fields(folder);
        return Seconds(fields[13]) + Seconds(fields[14]);
    }

    /// <summary>The name stands in parentheses and may hold anything; the fields behind it are numbers.</summary>
    private static (string Name, string[] Fields) Fields(string folder)
    {
        var text = File.ReadAllText(folder + "/stat");
        var end = text.LastIndexOf(')');
        return (text[(text.IndexOf('(', StringComparison.Ordinal) + 1)..end], text[(end + 2)..].Split(' '));
    }

    private static double Seconds(string ticks) => long.Parse(ticks, CultureInfo.InvariantCulture) / TicksPerSecond;
}
