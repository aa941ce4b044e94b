namespace Countersign.Server.Tests.Guards;

internal static class Faults
{
    /// <summary>Fails with all faults, one a line: a guard that only says that something is wrong sends people searching.</summary>
    public static void None(IEnumerable<string> faults)
    {
        var all = faults.Distinct().ToList();
        Assert.True(all.Count == 0, string.Join(Environment.NewLine, all));
    }
}
