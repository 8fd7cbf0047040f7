// Answers on port 8081; /exit ends it with 7.
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

public class App {
    public static void main(String[] args) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(8081), 0);
        server.createContext("/", exchange -> {
            byte[] answer = "Hello from Java, f\u00fcr dich\n".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
            System.out.println(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " (\u00fc)");
            if (exchange.getRequestURI().getPath().equals("/exit"))
                System.exit(7);
        });
        server.start();
    }
}
