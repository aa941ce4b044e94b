using Countersign.Testing;

namespace Countersign.Server.Tests.Guards;

/// <summary>A part of a document that a test writes, between two lines that name it.</summary>
/// <param name="document">Path of the document from the project's root.</param>
/// <param name="name">Such as <c>arrows</c>, for what stands from <c>&lt;!-- arrows: begin --&gt;</c> to its end.</param>
internal sealed class GeneratedPart(string document, string name)
{
    private const string Rewrite = "COUNTERSIGN_WRITE_DOCUMENTS";

    /// <summary>Fails where the document has another text there, or writes this one, where the environment says so.</summary>
    public void Holds(string content)
    {
        var (begin, end) = ($"<!-- {name}: begin -->", $"<!-- {name}: end -->");
        var path = Path.Combine(Repository.Root, document);
        var text = File.ReadAllText(path);
        var (from, to) = (text.IndexOf(begin, StringComparison.Ordinal), text.IndexOf(end, StringComparison.Ordinal));
        Assert.True(from >= 0 && to > from, $"{document} lacks the lines {begin} and {end}.");

        var upToDate = $"{text[..from]}{begin}\n\n{content}\n\n{text[to..]}";
        if (Environment.GetEnvironmentVariable(Rewrite) == "1")
        {
            File.WriteAllText(path, upToDate);
            return;
        }

        Assert.True(text == upToDate, $"{document} is not up to date: run this test once with {Rewrite}=1 and look at what has changed.");
    }
}
