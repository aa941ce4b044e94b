namespace Countersign.Server.Data;

/// <summary>
/// One server, or migration, for each folder with an embedded database: its single writer must be the only one.
/// </summary>
internal sealed class FolderLock : IDisposable
{
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

        var directory = Directory.CreateDirectory(data.Directory).FullName;
        try
        {
            return new FolderLock(
                new FileStream(Path.Combine(directory, "countersign.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            throw new StartException(
                $"Another server is running on {directory}. Stop it first, or use PostgreSQL to run several.");
        }
    }

    public void Dispose() => _file.Dispose();
}
