using System.Diagnostics;
using Countersign.Testing;

namespace Countersign.Faults;

/// <summary>A disk that can be filled: memory, which only root may mount.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const int Chunk = 4096;
    private readonly TestFolder _folder = new();

    public SmallDisk() => Run("mount", "-t", "tmpfs", "-o", "size=300m,mode=1777", "tmpfs", _folder.Path);

    public string Path => _folder.Path;

    private string Ballast => System.IO.Path.Combine(_folder.Path, "ballast");

    /// <summary>Takes what is left, to the last page.</summary>
    public void Fill()
    {
        using var file = File.OpenHandle(Ballast, FileMode.CreateNew, FileAccess.Write);
        var (page, at) = (new byte[Chunk], 0L);
        try
        {
            while (true)
            {
                RandomAccess.Write(file, page, at);
                at += page.Length;
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    public void MakeRoom() => File.Delete(Ballast);

    public void Dispose()
    {
        // Lazily: what was killed may still be on its way out.
        Run("umount", "-l", _folder.Path);
        _folder.Dispose();
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}. Is this root?");
        }
    }
}
