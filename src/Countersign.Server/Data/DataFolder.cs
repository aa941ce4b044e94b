namespace Countersign.Server.Data;

/// <summary>The folder of the embedded database: what lies in it is its owner's alone.</summary>
internal static class DataFolder
{
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnersFolder = OwnersFile | UnixFileMode.UserExecute;
    private const UnixFileMode Others = ~(OwnersFolder | UnixFileMode.SetUser | UnixFileMode.SetGroup | UnixFileMode.StickyBit);

    // What SQLite makes beside the database it makes with the database's own mode.
    private static readonly string[] Beside = ["", "-wal", "-shm", "-journal"];

    /// <summary>Makes the folder, unless it is there: then it stays as its owner has it.</summary>
    /// <returns>Its whole path.</returns>
    /// <exception cref="StartException">What is there is a file.</exception>
    public static string Create(string folder)
    {
        var path = Path.GetFullPath(folder);
        if (File.Exists(path))
        {
            throw new StartException($"{path} is a file. Name a folder for the data, with --data or Data:Directory.");
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnersFolder);
        }

        return path;
    }

    /// <summary>Makes the database's file empty, before SQLite would make it for everybody to read.</summary>
    public static void CreateDatabase(DataOptions data)
    {
        if (!File.Exists(data.SqliteFile))
        {
            using var made = Open(data.SqliteFile, FileMode.OpenOrCreate, FileShare.ReadWrite);
        }
    }

    /// <summary>Takes from others what a release before this one let them read.</summary>
    public static void Close(DataOptions data)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        foreach (var file in Beside.Select(end => data.SqliteFile + end).Where(File.Exists))
        {
            var mode = File.GetUnixFileMode(file);
            if ((mode & Others) != 0)
            {
                File.SetUnixFileMode(file, mode & ~Others);
            }
        }
    }

    /// <summary>Opens a file that, if it is made, is made for its owner.</summary>
    public static FileStream Open(string path, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnersFile;
        }

        return new FileStream(path, options);
    }
}
