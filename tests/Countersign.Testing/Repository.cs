namespace Countersign.Testing;

/// <summary>Where the project lies, for tests that open its files.</summary>
public static class Repository
{
    /// <summary>The folder that holds Countersign.slnx.</summary>
    public static string Root { get; } = FindRoot();

    // Not by [CallerFilePath]: PathMap replaces the real folder in what is compiled.
    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Countersign.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Countersign.slnx.");
    }
}
