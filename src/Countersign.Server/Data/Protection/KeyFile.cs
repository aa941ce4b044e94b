using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Data.Protection;

/// <summary>The file with the master keys: read whole, added to at its end, and rewritten only by the command line.</summary>
internal sealed class KeyFile(IOptions<DataOptions> options)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OthersRead =
        UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const int Longest = 64 * 1024;

    public string Path => options.Value.KeyFilePath;

    private string Copy => Path + ".before";

    public bool Exists => File.Exists(Path);

    /// <summary>Changes whenever the file does.</summary>
    public (DateTime WrittenAt, long Length) Stamp =>
        new FileInfo(Path) is { Exists: true } file ? (file.LastWriteTimeUtc, file.Length) : default;

    /// <summary>Until it is let go no other command changes the file: what two read and then write, one would lose.</summary>
    /// <exception cref="StartException">Another command has it, or one was cut off.</exception>
    public IDisposable Lock()
    {
        if (File.Exists(Copy))
        {
            throw new StartException(
                $"A change of the key file was cut off. {Copy} is the file from before: put it in place of {Path} if "
                    + "that is not whole, and otherwise destroy it.");
        }

        try
        {
            // Beside the file: nodes read that one meanwhile.
            return new FileStream(Path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new StartException($"Another command is changing the key file {Path}. Try again when it is done.");
        }
        catch (UnauthorizedAccessException)
        {
            throw new StartException($"The folder of the key file {Path} cannot be written to by this user.");
        }
    }

    /// <exception cref="StartException">The file is missing, open to others, or not to be read.</exception>
    public IReadOnlyList<KeyLine> Read()
    {
        using var file = Open();
        var bytes = new byte[file.Length <= Longest
            ? file.Length
            : throw new StartException($"The key file {Path} is longer than {Longest / 1024} KiB.")];
        file.ReadExactly(bytes);
        var text = Encoding.UTF8.GetChars(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        var lines = Parse(text);
        Array.Clear(text);
        CheckMode(file, lines);
        return lines;
    }

    /// <summary>Makes the file, for its owner alone.</summary>
    public void Create(KeyLine line)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!);
        Write(Path, FileMode.CreateNew, line + "\n");
    }

    /// <summary>Adds a line. The file stays the one it is, with its owner and its mounts.</summary>
    public void Append(KeyLine line)
    {
        using var file = new FileStream(Path, FileMode.Open, FileAccess.ReadWrite);
        file.Seek(-1, SeekOrigin.End);
        var whole = file.ReadByte() == '\n';
        file.Write(Encoding.ASCII.GetBytes((whole ? string.Empty : "\n") + line + "\n"));
        file.Flush(flushToDisk: true);
    }

    /// <summary>
    /// Puts other lines in place of each: none, one or several. Comments stay. In place, so that the file keeps its owner; a copy
    /// lies beside it until that is done.
    /// </summary>
    public void Rewrite(Func<KeyLine, IEnumerable<KeyLine>> change)
    {
        var before = File.ReadAllText(Path);
        var lines = before.Split('\n')
            .SelectMany(text => KeyLine.TryParse(text, out var line) ? change(line).Select(l => l.ToString()) : [text])
            .ToList();
        Write(Copy, FileMode.CreateNew, before);
        using (var file = new FileStream(Path, FileMode.Open, FileAccess.Write))
        {
            file.Write(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
            file.SetLength(file.Position);
            file.Flush(flushToDisk: true);
        }

        File.Delete(Copy);
    }

    private FileStream Open()
    {
        try
        {
            return new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StartException(
                $"The key file {Path} is missing. Without it nothing in the database can be opened: restore it from "
                    + "its backup, or name it with Data:KeyFile.");
        }
        catch (UnauthorizedAccessException)
        {
            throw new StartException($"The key file {Path} cannot be read by this user. It belongs to the user that the server runs as.");
        }
    }

    private List<KeyLine> Parse(ReadOnlySpan<char> text)
    {
        var lines = new List<KeyLine>();
        var number = 0;
        foreach (var line in text.EnumerateLines())
        {
            number++;
            if (!line.IsWhiteSpace() && line[0] != '#')
            {
                lines.Add(KeyLine.TryParse(line, out var read)
                    ? read
                    : throw new StartException($"Line {number} of the key file {Path} is not: id base64-of-32-bytes."));
            }
        }

        if (lines.GroupBy(l => (l.Id, l.Only)).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new StartException($"The key file {Path} holds the key {twice.Key.Id} twice.");
        }

        return lines.Exists(l => l.Only is null) ? lines : throw new StartException($"The key file {Path} holds no key.");
    }

    /// <summary>A bare key is its owner's alone; keys that only an HSM opens may be read, but not written, by others.</summary>
    private void CheckMode(FileStream file, List<KeyLine> lines)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var refused = lines.Exists(l => l.Label is null) ? OthersRead | OthersWrite : OthersWrite;
        if ((File.GetUnixFileMode(file.SafeFileHandle) & refused) != 0)
        {
            throw new StartException($"The key file {Path} is open to others than its owner. Run: chmod 600 {Path}");
        }
    }

    private static void Write(string path, FileMode mode, string text)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using var file = new FileStream(path, options);
        file.Write(Encoding.UTF8.GetBytes(text));
        file.Flush(flushToDisk: true);
    }
}
