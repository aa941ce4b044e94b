namespace Countersign.Server.Data;

/// <summary>
/// One server, or migration, for each folder with an embedded database: its single writer must be the only one.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    /// <summary>How the operating systems say that somebody has the file: Linux, macOS and BSD, Windows.</summary>
    private static readonly int[] Taken = [11, 35, unchecked((int)0x80070020)];

    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <returns>Null on PostgreSQL, which needs none.</returns>
    /// <exception cref="StartException">Another server runs on the folder.</exception>
    public static FolderLock? Take(DataOptions data)
    {
        if (data.OnPostgres)
        {
            return null;
        }

        var directory = DataFolder.Create(data.Directory);
        try
        {
            var taken = new FolderLock(DataFolder.Open(Path.Combine(directory, "countersign.lock"), FileMode.OpenOrCreate, FileShare.None));
            DataFolder.Close(data);
            return taken;
        }
        catch (IOException e) when (Taken.Contains(e.HResult))
        {
            throw new StartException(
                $"Another server is running on {directory}. Stop it first, or use PostgreSQL to run several.");
        }
    }

    public void Dispose() => _file.Dispose();
}
