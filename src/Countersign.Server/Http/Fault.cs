namespace Countersign.Server.Http;

/// <summary>What is wrong with a form: at a field, or with the whole where <paramref name="Field"/> is null.</summary>
internal sealed record Fault(string Text, string? Field = null)
{
    /// <summary>The faults there are, of those there might be.</summary>
    public static IReadOnlyList<Fault> Of(params ReadOnlySpan<(string? Text, string? Field)> possible)
    {
        var faults = new List<Fault>();
        foreach (var (text, field) in possible)
        {
            if (text is not null)
            {
                faults.Add(new Fault(text, field));
            }
        }

        return faults;
    }
}
