namespace Countersign.Testing;

/// <summary>Remembers what must never be logged; eng/ci.cs looks for it in every log once the tests are done.</summary>
public static class TestSecrets
{
    // Shorter texts turn up in logs by chance.
    private const int ShortestSecret = 6;

    private static readonly string? Folder = Environment.GetEnvironmentVariable("COUNTERSIGN_TEST_SECRETS");
    private static readonly HashSet<string> Noted = new(StringComparer.Ordinal);
    private static readonly Lock Gate = new();

    /// <summary>Notes a code, a password or a full phone number that a test uses. Does nothing outside eng/ci.cs.</summary>
    public static void Note(string secret)
    {
        if (string.IsNullOrEmpty(Folder) || secret.Length < ShortestSecret)
        {
            return;
        }

        lock (Gate)
        {
            if (Noted.Add(secret))
            {
                // A file for each process: appending to one file from two processes may lose lines.
                File.AppendAllText(Path.Combine(Folder, $"secrets-{Environment.ProcessId}.txt"), secret + "\n");
            }
        }
    }
}
